// SPDX-License-Identifier: Apache-2.0
// In a pop-up window: tells the page that opened it what the page's markup holds, and no page of another origin.
(() => {
  const patienceMs = 1000;
  // What came in the address stays in no history.
  window.history.replaceState(null, '', window.location.pathname);
  const { origin, message, close, ifOpen } = document.getElementById('opener').dataset;
  const tell = (text) => {
    if (text && window.opener) window.opener.postMessage(JSON.parse(text), origin);
  };
  tell(message);
  if (close !== 'true') return;
  // Whoever waits for the window to close has no need of the message.
  setTimeout(() => tell(ifOpen), patienceMs);
  window.close();
})();
