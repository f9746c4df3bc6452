/* While the server is away (restarted, or the network is gone), or the database that it needs, the page says so, and what
   only reads is asked again until it is answered. Without an answer the grid would wait for its rows, and a page for its
   body, until it is loaded anew. */
(() => {
  "use strict";

  const AGAIN_MS = 1000;
  const READS = new RegExp(
    /^(\.\.)?(_pages_content|shell-quick-stats|overview-(sentence|body|condition)|vm-explorer|machine)[-.]/.source +
    /|^(\.\.)?data-import-(sentence|history-body|comparison-form)\.|^\{"filter":/.source,
  );
  const AWAY = "The server does not answer.";
  const WHY = "X-Unavailable";
  const FAILED = [502, 503, 504]; // what a proxy answers for a server that is away, and the server without its database

  const ask = window.fetch;

  const isCallback = (address, given) => String(address).includes("_dash-update-component") && typeof given?.body === "string";
  const isReading = (_address, { body }) => READS.test(JSON.parse(body).output || "");
  const isTick = (_address, { body }) => /\.n_intervals$/.test(JSON.parse(body).changedPropIds?.[0] || "");

  function say(sentence) {
    const box = document.getElementById("shell-connection");
    if (box) box.textContent = sentence;
  }

  const pause = () => new Promise((resolve) => setTimeout(resolve, AGAIN_MS));

  /* What could change something is not asked again; that the server is back is seen by its health. */
  let isWatching = false;
  async function watch(address) {
    if (isWatching) return;
    isWatching = true;
    while (isWatching) {
      await pause();
      isWatching = await ask(String(address).replace(/_dash-update-component.*/, "health/ready")).then((answer) => !answer.ok, () => true);
    }
    say("");
  }

  /* What is not asked again, as the page can show it: an answer without the database holds a message. */
  function give(answer, given) {
    if (answer instanceof TypeError) throw answer;
    if (!answer.headers.has(WHY)) return answer;
    return isTick(...given) ? new Response(null, { status: 204 }) : new Response(answer.body, { headers: answer.headers });
  }

  async function persist(given) {
    for (;;) {
      const answer = await ask(...given).catch((error) => error);
      if (answer instanceof Error && !(answer instanceof TypeError)) throw answer; // taken back
      if (answer instanceof Response && !FAILED.includes(answer.status)) {
        say("");
        return answer;
      }
      const sentence = answer.headers?.get(WHY) || AWAY;
      const isAgain = isReading(...given);
      say(isAgain ? `${sentence} Trying again …` : sentence);
      if (!isAgain) {
        watch(given[0]);
        return give(answer, given);
      }
      await pause();
    }
  }

  window.fetch = (...given) => (isCallback(...given) ? persist(given) : ask(...given));
})();
