// On every page: the header, the cart's badge and the sections that slide in.
import { $, $$ } from "./dom.js";
import { cart } from "./cart-store.js";

const header = $(".site-header");
const badge = $(".badge");

function showScrolled() {
  header.classList.toggle("scrolled", scrollY > 8);
}

function showCount() {
  const count = cart.count();
  const changed = badge.dataset.count !== String(count);
  badge.dataset.count = count;
  badge.textContent = count;
  return changed;
}

function bump() {
  if (!showCount()) return;
  badge.classList.remove("bump");
  requestAnimationFrame(() => badge.classList.add("bump"));
}

function revealOnScroll() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const waiting = $$("[data-reveal]").filter((section) => section.getBoundingClientRect().top > innerHeight);
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) {
      entry.target.classList.add("reveal-in");
      requestAnimationFrame(() => entry.target.classList.remove("reveal-wait"));
      observer.unobserve(entry.target);
    }
  }, { rootMargin: "0px 0px -8% 0px" });
  for (const section of waiting) {
    section.classList.add("reveal-wait");
    observer.observe(section);
  }
}

showScrolled();
showCount();
revealOnScroll();
addEventListener("scroll", showScrolled, { passive: true });
addEventListener("cart-changed", bump);
addEventListener("storage", showCount);
addEventListener("pageshow", (event) => event.persisted && showCount());
