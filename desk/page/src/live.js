// Asks how far something is, says it in place, and goes on once it is done. Without scripts the page itself looks again.
const live = document.querySelector("[data-state]");

async function look() {
  const answer = await fetch(live.dataset.state).catch(() => null);
  if (answer?.ok) {
    const { done, derived, total } = await answer.json();
    if (done) {
      location.assign(live.dataset.next);
      return;
    }
    const bar = live.querySelector("progress");
    if (bar && total > 0) {
      bar.max = total;
      bar.value = derived;
      live.querySelector("[role=status]").textContent = `${derived} / ${total}`;
    }
  }
  setTimeout(look, Number(live.dataset.every));
}

if (live) {
  setTimeout(look, Number(live.dataset.every));
}
