"use strict";
(() => {
  const articles = [...document.querySelectorAll("article[data-stack]")];
  const AT_ONCE = 200; // entries of a list; a button brings the next ones
  const buttons = [...document.querySelectorAll("button[data-show]")];
  const source = document.getElementById("data");
  let data = null;

  const rows = (stack) => {
    if (data === null) data = source ? JSON.parse(source.textContent) : {};
    return data[stack] || [];
  };

  const show = (stack) => {
    for (const article of articles) article.hidden = article.dataset.stack !== stack;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.show === stack));
    for (const link of document.querySelectorAll("a[data-part]")) {
      const target = document.getElementById(`${stack}-${link.dataset.part}`);
      link.href = target ? `#${target.id}` : "#";
      link.parentElement.hidden = !target;
    }
    const tree = document.querySelector(`[data-tree="${CSS.escape(stack)}"]`);
    if (tree && !tree.querySelector("ul")) setTimeout(draw, 0, stack);
  };

  const element = (tag, kind, text) => {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  };

  const label = (row) => {
    const line = element("span");
    line.append(element("b", "", row[0]), " ", element("span", "type", row[1]));
    return line;
  };

  const inputs = (row) => {
    const text = row[4] === null ? "too long for this page: see the JSON document" : JSON.stringify(row[4], null, 2);
    const block = element("pre", "", (row[3] ? `# ${row[3]}\n` : "") + text);
    block.tabIndex = 0;
    return block;
  };

  const node = (all, children, number, open) => {
    const row = all[number];
    const item = element("li");
    const fold = element("details");
    const head = element("summary");
    head.append(label(row));
    fold.append(head);
    const fill = () => {
      if (fold.childElementCount > 1) return;
      if (children[number]) fold.append(list(all, children, children[number], false));
      if (!children[number] || Object.keys(row[4] || {}).length) fold.append(inputs(row));
    };
    fold.addEventListener("toggle", () => fold.open && fill());
    if (open) { fill(); fold.open = true; }
    item.append(fold);
    return item;
  };

  const list = (all, children, numbers, open) => {
    const made = element("ul");
    const add = (from) => {
      for (const number of numbers.slice(from, from + AT_ONCE)) made.append(node(all, children, number, open));
      const left = numbers.length - from - AT_ONCE;
      if (left <= 0) return;
      const item = element("li");
      const more = element("button", "", `${left} more`);
      more.type = "button";
      more.addEventListener("click", () => {
        const before = item.previousElementSibling;
        item.remove();
        add(from + AT_ONCE);
        before.nextElementSibling.querySelector("summary").focus();
      });
      item.append(more);
      made.append(item);
    };
    add(0);
    return made;
  };

  const draw = (stack) => {
    const tree = document.querySelector(`[data-tree="${CSS.escape(stack)}"]`);
    const all = rows(stack);
    const words = document.querySelector(`[data-search="${CSS.escape(stack)}"]`).value.trim().toLowerCase();
    const type = document.querySelector(`[data-type="${CSS.escape(stack)}"]`).value;
    const count = document.querySelector(`[data-count="${CSS.escape(stack)}"]`);
    const children = {};
    if (!words && !type) {
      const roots = [];
      all.forEach((row, number) => row[2] < 0 ? roots.push(number) : (children[row[2]] ||= []).push(number));
      tree.replaceChildren(list(all, children, roots, true));
      count.textContent = `${all.length} entries`;
      return;
    }
    const found = [];
    all.forEach((row, number) => {
      if (type && row[1] !== type) return;
      if (words && !`${row[0]} ${row[1]} ${row[3]} ${JSON.stringify(row[4])}`.toLowerCase().includes(words)) return;
      found.push(number);
    });
    tree.replaceChildren(list(all, children, found, false));
    count.textContent = `${found.length} of ${all.length}`;
  };

  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.show));
  for (const article of articles) {
    const stack = article.dataset.stack;
    if (!article.querySelector(".tree")) continue;
    let waiting = 0;
    const later = () => { clearTimeout(waiting); waiting = setTimeout(() => draw(stack), 120); };
    article.querySelector("[data-search]").addEventListener("input", later);
    article.querySelector("[data-type]").addEventListener("change", later);
  }
  // A closed fold has no content on paper. The tree's own are left as they are: inputs of all resources fill a book.
  const folds = () => [...document.querySelectorAll("details")].filter((fold) => !fold.closest(".tree"));
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds().filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
    for (const article of articles) if (article.querySelector(".tree:not(:has(ul))")) draw(article.dataset.stack);
  });
  addEventListener("afterprint", () => { for (const fold of closed) fold.open = false; });
  // A link to a part of a stack opens that stack, not the first.
  const aimed = () => {
    const target = document.getElementById(location.hash.slice(1));
    const article = target && target.closest("article[data-stack]");
    if (!article) return false;
    show(article.dataset.stack);
    target.scrollIntoView();
    return true;
  };
  addEventListener("hashchange", aimed);
  if (articles.length && !aimed()) show(articles[0].dataset.stack);
})();
