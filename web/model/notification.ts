// A notification of the desktop, where the visitor has allowed them already: nobody is asked, and nothing makes a sound.

/** Shows `sentence` when the page is out of sight; a newer one takes the place of an older one. */
export function notifyIfAllowed(sentence: string): void {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    const notification = new Notification('Gardener Playground', { body: sentence, tag: 'ending', silent: true });
    notification.onclick = () => window.focus();
  } catch {
    // On phones only a service worker may show them; the page says it, too.
  }
}
