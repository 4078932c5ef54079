"""Small drawings for the kinds of things, each in a square of 24: strokes only, of our own making."""

GLYPHS = {
    "entry": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c-6 5-6 13 0 18M12 3c6 5 6 13 0 18",
    "balancer": "M12 3v6M12 9L5 15M12 9l7 6M12 9v6M3 15h4v5H3zM10 15h4v5h-4zM17 15h4v5h-4z",
    "gateway": "M4 8h12M13 4l4 4-4 4M20 16H8M11 12l-4 4 4 4",
    "container": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.500l8 4.500 8-4.500M12 12v9",
    "machine": "M4 5h16v10H4zM9 20h6M12 15v5M7 8h4",
    "function": "M6 4h3l8 16h3M11 10L5 20",
    "clock": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7v5l4 2",
    "database": "M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0",
    "cache": "M13 3L5 14h6l-1 7 9-12h-6z",
    "table": "M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14",
    "files": "M4 7V5h6l2 3h8v11H4z",
    "queue": "M3 8h4v8H3zM10 8h4v8h-4zM17 8h4v8h-4z",
    "bucket": "M4 6c0-3 16-3 16 0l-3 13c-1 2-9 2-10 0zM4 6c0 3 16 3 16 0",
    "topic": "M4 10v4h4l7 5V5l-7 5zM18 9c2 2 2 4 0 6",
}
