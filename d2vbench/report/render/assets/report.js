"use strict";
(() => {
  const status = document.querySelector(".said");
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  // What a cell is worth: null for a cell of a column of numbers that has none.
  const worth = (cell, numeric) => {
    const text = cell.dataset.s ?? cell.textContent;
    if (!numeric) return text;
    const value = text.trim() === "" ? NaN : Number(text);
    return Number.isNaN(value) ? null : value;
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const given = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const put = (column, direction) => {
      const numeric = heads[column].hasAttribute("data-numeric");
      let rows = given;
      if (direction !== "none") {
        const sign = direction === "ascending" ? 1 : -1;
        const keyed = given.map((row, place) => ({ row, place, key: worth(row.cells[column], numeric) }));
        keyed.sort((a, b) => {
          if (a.key === null || b.key === null) {
            return (a.key === null) - (b.key === null) || a.place - b.place;
          }
          const order = numeric ? a.key - b.key : collator.compare(a.key, b.key);
          return sign * order || a.place - b.place;
        });
        rows = keyed.map((one) => one.row);
      }
      body.append(...rows);
      table.dispatchEvent(new Event("arranged"));
      heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? direction : "none"));
      const name = heads[column].textContent.trim();
      status.textContent = direction === "none" ? "In the order of the report" : `Sorted by ${name}, ${direction}`;
    };
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" };
        put(column, next[head.getAttribute("aria-sort")]);
      });
    });
  };

  const filterable = (section, table) => {
    const tools = section.querySelector(".tools");
    if (!tools) return;
    const field = tools.querySelector("input");
    const count = tools.querySelector("output");
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => plain([...row.cells].map((cell) => cell.textContent).join(" \u00a0 ")));
    const apply = () => {
      const words = plain(field.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !words.every((word) => texts[i].includes(word));
        shown += !row.hidden;
      });
      table.dispatchEvent(new Event("arranged"));
      count.textContent = words.length ? `${shown} of ${rows.length} rows` : `${rows.length} rows`;
    };
    field.addEventListener("input", apply);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && field.value) {
        field.value = "";
        apply();
        event.preventDefault();
      }
    });
    tools.hidden = false;
    // A browser may have kept what was typed before the page was loaded anew.
    apply();
  };

  // On a narrow screen a row of a wide table is a card: each cell says its heading, and what is no
  // table to the eye stays one to those who hear it.
  const stacked = (table) => {
    const names = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    table.className = "stack";
    table.setAttribute("role", "table");
    for (const group of [table.tHead, table.tBodies[0]]) group.setAttribute("role", "rowgroup");
    for (const head of table.tHead.rows[0].cells) head.setAttribute("role", "columnheader");
    for (const row of table.rows) row.setAttribute("role", "row");
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, i) => {
        cell.setAttribute("role", i ? "cell" : "rowheader");
        cell.dataset.h = names[i];
      });
    }
  };

  // On a narrow screen rows of one name stand below it: it is said once.
  const grouped = (table) => {
    const look = () => {
      let before = null;
      for (const row of table.tBodies[0].rows) {
        if (row.hidden) continue;
        const name = row.cells[0].textContent;
        row.classList.toggle("same", name === before);
        before = name;
      }
    };
    table.addEventListener("arranged", look);
    look();
  };

  const hinted = (section) => {
    const box = section.querySelector(".scroll");
    const hint = section.querySelector(".hint");
    const look = () => {
      const over = box.scrollWidth > box.clientWidth + 1;
      hint.hidden = !over;
      box.classList.toggle("more", over && box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
      if (over) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    };
    box.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(box);
    look();
  };

  for (const section of document.querySelectorAll(".exhibit")) {
    const table = section.querySelector("table");
    if (table) {
      sortable(table);
      filterable(section, table);
      if (table.matches(".wide")) stacked(table);
      if (table.matches(".stack")) grouped(table);
    }
    hinted(section);
  }

  // Parts that are folded: a link into one opens it, and so does printing.
  const folds = [...document.querySelectorAll("main details")];
  const reveal = (target) => {
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    const own = target.querySelector(":scope > details");
    if (own) own.open = true;
  };
  const arrive = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    reveal(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", arrive);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target) reveal(target);
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((one) => !one.open);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });

  // Figures: the point under the pointer or reached by arrow keys says its numbers; a strategy can be
  // picked out in all of them.
  const tip = document.querySelector(".tip");
  const tell = (mark) => {
    const box = mark.querySelector("circle").getBoundingClientRect();
    tip.textContent = mark.dataset.text;
    tip.hidden = false;
    const size = tip.getBoundingClientRect();
    const left = Math.max(6, Math.min(box.right + 8, document.documentElement.clientWidth - size.width - 6));
    const above = box.top - size.height - 8;
    tip.style.setProperty("left", `${left}px`);
    tip.style.setProperty("top", `${above > 4 ? above : box.bottom + 8}px`);
  };
  for (const layer of document.querySelectorAll(".marks")) {
    const marks = [...layer.querySelectorAll(".m")];
    for (const mark of marks) {
      const title = mark.querySelector("title");
      mark.dataset.text = title.textContent;
      // The page shows it at once, where a browser waits.
      title.remove();
    }
    let at = -1;
    const go = (next) => {
      if (at >= 0) marks[at].classList.remove("at");
      at = next;
      if (at < 0) {
        tip.hidden = true;
        return;
      }
      marks[at].classList.add("at");
      tell(marks[at]);
      status.textContent = marks[at].dataset.text;
    };
    layer.setAttribute("tabindex", "0");
    layer.setAttribute("aria-label", `${layer.getAttribute("aria-label")}: arrow keys go through them`);
    layer.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) go(at < 0 && step < 0 ? marks.length - 1 : (at + step + marks.length) % marks.length);
      else if (event.key === "Home") go(0);
      else if (event.key === "End") go(marks.length - 1);
      else if (event.key === "Escape") go(-1);
      else return;
      event.preventDefault();
    });
    layer.addEventListener("blur", () => go(-1));
    layer.addEventListener("pointerover", (event) => {
      const mark = event.target.closest(".m");
      if (mark) tell(mark);
    });
    layer.addEventListener("pointerout", () => { if (at < 0) tip.hidden = true; });
  }
  // To reach a figure by key scrolls the page: what was reached stays said, beside its point.
  addEventListener("scroll", () => {
    const mark = document.querySelector(".marks:focus .m.at");
    if (mark) tell(mark);
    else tip.hidden = true;
  }, { passive: true });
  const bar = document.querySelector(".pick");
  const select = bar.querySelector("select");
  const pick = () => {
    for (const layer of document.querySelectorAll(".marks")) {
      let any = false;
      for (const mark of layer.children) {
        const on = select.value !== "" && mark.dataset.s === select.value;
        mark.classList.toggle("on", on);
        any ||= on;
      }
      layer.parentElement.classList.toggle("picking", any);
    }
  };
  select.addEventListener("change", pick);
  select.parentElement.hidden = select.options.length < 3;
  const unfold = document.createElement("button");
  unfold.type = "button";
  unfold.textContent = "Open all parts";
  unfold.setAttribute("aria-pressed", "false");
  bar.append(unfold);
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") === "false";
    for (const one of folds) one.open = open;
    unfold.setAttribute("aria-pressed", String(open));
  });
  bar.hidden = false;
  pick();

  // Contents: closed where they would fill the screen; the part that is read is marked.
  const contents = document.querySelector("#contents > details");
  const narrow = matchMedia("(max-width: 87.99rem)");
  const fold = () => { contents.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
  contents.addEventListener("click", (event) => {
    if (narrow.matches && event.target.closest("a")) contents.open = false;
  });

  const links = new Map();
  for (const link of document.querySelectorAll("#contents > details > ol a")) {
    links.set(decodeURIComponent(link.hash.slice(1)), link);
  }
  const visible = new Set();
  const mark = () => {
    let last = null;
    for (const [id, link] of links) {
      link.removeAttribute("aria-current");
      if (visible.has(id)) last = link;
    }
    if (last) last.setAttribute("aria-current", "location");
  };
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) visible.add(entry.target.id);
      else visible.delete(entry.target.id);
    }
    mark();
  }, { rootMargin: "-15% 0px -80% 0px" });
  for (const id of links.keys()) {
    const part = document.getElementById(id);
    if (part) observer.observe(part);
  }
  arrive();
})();
