/** What is on a page, by the names that people see. */
import type { Page } from 'playwright-core';

export function namesOn(page: Page) {
  const dialog = page.getByRole('dialog');
  return {
    dialog,
    button: (name: string | RegExp) =>
      page.getByRole('button', { name, exact: typeof name === 'string' }),
    inDialog: (name: string) => dialog.getByRole('button', { name, exact: true }),
    /** A field's error: it comes with the answer, and goes when the form is sent again. */
    refused: (field: string) => dialog.locator(`[name=${field}] ~ .error`).waitFor(),
    said: (text: string | RegExp) => page.getByText(text).first().waitFor(),
    heading: (name: string) => page.getByRole('heading', { name }).first().waitFor(),
  };
}
