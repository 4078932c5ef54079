"""What differs between two reports of preflight: resources, cost, findings, reach, time. Pure, but for `base`."""
