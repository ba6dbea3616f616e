// SPDX-License-Identifier: Apache-2.0

/** The call history of a company or person. */
export class CallHistory {
  constructor(page) {
    this.section = page.locator('zoom-call-history').getByRole('region', { name: 'Call history' });
    this.rows = this.section.getByRole('listitem');
    this.moreButton = this.section.getByRole('button', { name: 'Show more', exact: true });
    this.empty = this.section.getByText('No calls yet', { exact: true });
  }

  row(international) { return this.rows.filter({ hasText: international }); }

  outcome(international) {
    return this.section.getByRole('combobox', { name: `Outcome of the call to ${international}`, exact: true });
  }

  noteButton(international) {
    return this.section.getByRole('button', { name: `Add note about the call to ${international}`, exact: true });
  }

  announced(text) { return this.section.getByRole('status').getByText(text).waitFor({ state: 'attached' }); }
}

/** The notes of a company or person. */
export class Notes {
  constructor(page) {
    this.page = page;
    this.section = page.locator('zoom-call-notes').getByRole('region', { name: 'Notes' });
    this.rows = this.section.getByRole('listitem');
    this.field = this.section.getByRole('textbox', { name: 'New note', exact: true });
    this.editField = this.section.getByRole('textbox', { name: 'Edit note', exact: true });
    this.saveButton = this.section.getByRole('button', { name: 'Save note', exact: true });
    this.saveChangesButton = this.section.getByRole('button', { name: 'Save changes', exact: true });
    this.moreButton = this.section.getByRole('button', { name: 'Show more', exact: true });
    this.dialog = page.getByRole('dialog', { name: 'Delete this note?' });
    this.texts = this.section.locator('.note .text');
  }

  row(text) { return this.rows.filter({ hasText: text }); }

  editButton(start) { return this.section.getByRole('button', { name: `Edit note: ${start}`, exact: true }); }

  deleteButton(start) { return this.section.getByRole('button', { name: `Delete note: ${start}`, exact: true }); }

  announced(text) { return this.section.getByRole('status').getByText(text).waitFor({ state: 'attached' }); }

  /** Writes a note and waits until it is in the list. */
  async write(text) {
    await this.field.fill(text);
    await this.saveButton.click();
    await this.row(text).first().waitFor();
  }
}
