/** After a deployment, a page that was open before names files that are gone. */

/** When this tab was last reloaded for a new version, in milliseconds. */
const RELOADED = 'latchkey-reloaded';

/** Two versions may take turns while one is deployed: a tab that begins again at once waits. */
const PAUSE_MS = 60_000;

/** Whether this tab may be reloaded, which then counts. Not where a browser forbids storage. */
function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(RELOADED));
    sessionStorage.setItem(RELOADED, String(Date.now()));
    return Date.now() - last > PAUSE_MS;
  } catch {
    return false;
  }
}

/** Whether the page is another now: the name of its script changes with the version. */
async function isNewer(): Promise<boolean> {
  const own = document.querySelector('script[src]')?.getAttribute('src');
  const response = await fetch('/console', { cache: 'no-store' });
  return response.ok && !(await response.text()).includes(`"${own}"`);
}

/**
 * Reloads the page if there is a newer version of it. Returns whether it does. Where no answer
 * comes, the page stays: there would be nothing in its place.
 */
export async function reloadIfNewer(): Promise<boolean> {
  const isOld = await isNewer().catch(() => false);
  if (!isOld || !mayReload()) return false;
  location.reload();
  return true;
}
