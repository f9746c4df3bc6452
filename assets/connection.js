/* While the server is away (restarted, or the network is gone) what only reads is asked again until it is answered.
   Without an answer the grid would wait for its rows, and a page for its body, until it is loaded anew. */
(() => {
  "use strict";

  const AGAIN_MS = 1000;
  const READS = /^(\.\.)?(_pages_content|overview-(sentence|body)|vm-explorer|machine)[-.]/;
  const SENTENCE = "The server does not answer. Trying again …";

  const ask = window.fetch;
  let waiting = 0; // questions that failed at least twice

  const isReading = (address, { body } = {}) =>
    String(address).includes("_dash-update-component") && typeof body === "string" && READS.test(JSON.parse(body).output || "");

  function note(change) {
    waiting += change;
    const box = document.getElementById("shell-connection");
    if (box) box.textContent = waiting ? SENTENCE : "";
  }

  async function persist(given) {
    for (let failures = 0; ; failures += 1) {
      try {
        const answer = await ask(...given);
        if (failures > 1) note(-1);
        return answer;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // taken back, not failed
        if (failures === 1) note(1); // once may be a page that is left
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  window.fetch = (...given) => (isReading(...given) ? persist(given) : ask(...given));
})();
