/* While the server is away (restarted, or the network is gone) the page says so, and what only reads is asked again until
   it is answered. Without an answer the grid would wait for its rows, and a page for its body, until it is loaded anew. */
(() => {
  "use strict";

  const AGAIN_MS = 1000;
  const READS = /^(\.\.)?(_pages_content|overview-(sentence|body)|vm-explorer|machine)[-.]/;
  const AWAY = "The server does not answer.";

  const ask = window.fetch;

  const isCallback = (address, given) => String(address).includes("_dash-update-component") && typeof given?.body === "string";
  const isReading = (_address, { body }) => READS.test(JSON.parse(body).output || "");

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
      isWatching = await ask(String(address).replace(/_dash-update-component.*/, "health")).then(() => false, () => true);
    }
    say("");
  }

  async function persist(given) {
    for (;;) {
      try {
        const answer = await ask(...given);
        say("");
        return answer;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // taken back
        const isAgain = isReading(...given);
        say(isAgain ? `${AWAY} Trying again …` : AWAY);
        if (!isAgain) {
          watch(given[0]);
          throw error;
        }
        await pause();
      }
    }
  }

  window.fetch = (...given) => (isCallback(...given) ? persist(given) : ask(...given));
})();
