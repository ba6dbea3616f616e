// SPDX-License-Identifier: Apache-2.0

/** Settings → Administration → Project. */
export class ProjectScreen {
  constructor(page) {
    this.page = page;
    this.link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Project' });
    this.name = page.getByLabel('Name', { exact: true });
    this.origins = page.getByLabel('Allowed origins');
    this.addIssuer = page.getByRole('button', { name: 'Add an issuer' });
    this.removeNewIssuer = page.getByRole('button', { name: 'Remove the issuer that is new' });
    this.saveButton = page.getByRole('button', { name: 'Save' });
    this.dialog = page.getByRole('dialog');
  }

  line(text) { return this.page.getByText(text); }

  /** A field of the issuer at this place. */
  issuerField(index, label) { return this.page.locator(`fieldset[data-index="${index}"]`).getByLabel(label, { exact: true }); }

  /** What is said to be wrong with a field. */
  problemOf(field) { return this.page.locator(`#problem-${field}:not(:empty)`); }
}
