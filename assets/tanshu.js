"use strict";
/* Small comforts on pages that work without them: values of charts on hover, files dropped onto their field,
 * the light or dark toggle without a reload. */
(function () {
  function theme() {
    var link = document.getElementById("theme");
    if (!link) return;
    link.addEventListener("click", function (event) {
      var root = document.documentElement;
      var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      var next = dark ? "light" : "dark";
      event.preventDefault();
      root.dataset.theme = next;
      fetch("/theme/" + next, { redirect: "manual", credentials: "same-origin" });
    });
  }

  function charts() {
    document.querySelectorAll(".chart").forEach(function (chart) {
      var tip = null;
      function hide() {
        if (tip) tip.remove();
        tip = null;
      }
      chart.addEventListener("pointermove", function (event) {
        var mark = event.target.closest("[data-value]");
        if (!mark) return hide();
        if (!tip) {
          tip = document.createElement("div");
          tip.className = "chart-value";
          chart.append(tip);
        }
        tip.textContent = mark.getAttribute("data-value");
        var box = chart.getBoundingClientRect();
        var left = event.clientX - box.left + 12;
        tip.style.left = Math.max(0, Math.min(left, box.width - tip.offsetWidth)) + "px";
        tip.style.top = Math.max(0, event.clientY - box.top - 30) + "px";
      });
      chart.addEventListener("pointerleave", hide);
    });
  }

  function drops() {
    document.querySelectorAll(".drop").forEach(function (area) {
      var input = area.querySelector("input[type=file]");
      if (!input) return;
      function show() {
        var name = area.querySelector(".drop-name");
        if (name) name.textContent = Array.from(input.files, function (file) { return file.name; }).join(", ");
      }
      ["dragenter", "dragover"].forEach(function (type) {
        area.addEventListener(type, function (event) {
          event.preventDefault();
          area.classList.add("over");
        });
      });
      ["dragleave", "drop"].forEach(function (type) {
        area.addEventListener(type, function () { area.classList.remove("over"); });
      });
      area.addEventListener("drop", function (event) {
        event.preventDefault();
        if (event.dataTransfer.files.length === 0) return;
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      input.addEventListener("change", show);
    });
  }

  function menus() {
    document.addEventListener("click", function (event) {
      document.querySelectorAll("details.person[open]").forEach(function (menu) {
        if (!menu.contains(event.target)) menu.open = false;
      });
    });
    document.addEventListener("keydown", function (event) {
      var menu = document.querySelector("details.person[open]");
      if (event.key !== "Escape" || !menu) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  theme();
  charts();
  drops();
  menus();
})();
