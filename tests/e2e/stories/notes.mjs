// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { story } from '../lib/story.mjs';

export function notesStories(world) {
  story(world, 'a note is written, edited and, after a confirmation, deleted', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/people/mika-sato' });
    await tab.notes.section.getByText('No notes yet', { exact: true }).waitFor();
    await tab.inspect('Person screen, empty');
    await tab.notes.write('Wants an offer for 40 seats by Friday.');
    await tab.notes.announced('Note saved');
    await tab.notes.editButton('Wants an offer for 40 seats by Friday.').click();
    await tab.notes.editField.fill('Wants an offer for 45 seats by Friday.');
    await tab.inspect('Note being edited');
    await tab.notes.saveChangesButton.click();
    await tab.notes.row('Wants an offer for 45 seats by Friday.').waitFor();
    await tab.reload();
    await tab.notes.row('Wants an offer for 45 seats by Friday.').getByText('edited').waitFor();

    await tab.notes.deleteButton('Wants an offer for 45 seats by Friday.').click();
    await tab.notes.dialog.getByText('The note cannot be restored.').waitFor();
    await tab.inspect('Delete note dialog');
    await tab.notes.dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await tab.notes.row('Wants an offer for 45 seats by Friday.').waitFor();
    await tab.notes.deleteButton('Wants an offer for 45 seats by Friday.').click();
    await tab.notes.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await tab.notes.section.getByText('No notes yet', { exact: true }).waitFor();
    await tab.reload();
    await tab.notes.section.getByText('No notes yet', { exact: true }).waitFor();
  });

  story(world, 'an empty note is not saved, and the field says so', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/people/mika-sato' });
    await tab.notes.field.fill('   ');
    await tab.notes.saveButton.click();
    await tab.notes.section.getByText('Write something before saving.', { exact: true }).waitFor();
    assert.equal(await tab.notes.field.getAttribute('aria-invalid'), 'true');
    await tab.inspect('Note refused');
  });

  story(world, 'a note changed in another tab is not overwritten in silence: both texts are shown', async (stage) => {
    const salesperson = await stage.salesperson({ at: '/app/people/kenji-tanaka' });
    const { tab, guard } = salesperson;
    await tab.notes.write('Security review in May.');
    const other = await salesperson.newTab();
    await other.open('/app/people/kenji-tanaka');
    await other.notes.editButton('Security review in May.').click();
    await tab.notes.editButton('Security review in May.').click();
    await tab.notes.editField.fill('Security review in June.');
    await tab.notes.saveChangesButton.click();
    await tab.notes.row('Security review in June.').waitFor();
    guard.expectFailedLoad(/\/notes\//, /409|412/);
    await other.notes.editField.fill('Security review in July.');
    await other.notes.saveChangesButton.click();
    await other.notes.section.getByText('This note was changed elsewhere while you were editing.').waitFor();
    await other.notes.section.getByText('Security review in June.').waitFor();
    await other.inspect('Note conflict');
    await other.notes.section.getByRole('button', { name: 'Save my text anyway' }).click();
    await other.notes.row('Security review in July.').waitFor();
  });

  story(world, 'the outcome of a call is set, a note is written about the call, and both stay', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    await tab.crm.openCompany('Bramley Foods Ltd');
    await tab.crm.openPerson('Oliver Hart');
    await tab.phone.call('Oliver Hart', '+44 7400 123456');
    await tab.phone.doneButton.click();
    await tab.history.outcome('+44 7400 123456').selectOption({ label: 'Voicemail' });
    await tab.history.announced('Outcome saved');
    await tab.history.noteButton('+44 7400 123456').click();
    await tab.notes.section.getByText('About the call to +44 7400 123456', { exact: true }).waitFor();
    await tab.inspect('Note about a call being written');
    await tab.notes.write('Left a message. 折り返し待ち 📞');
    await tab.reload();
    await tab.history.row('+44 7400 123456').waitFor();
    assert.equal(await tab.history.outcome('+44 7400 123456').locator('option:checked').innerText(), 'Voicemail');
    await tab.notes.row('Left a message. 折り返し待ち 📞').waitFor();
  });

  story(world, '"Show more" pages through calls and notes, newest first, without a gap or a repetition', async (stage) => {
    const { salesperson: { tab } } = await stage.connectedSalesperson();
    const about = { companyId: 'calder-energy', personId: 'grace-okoro' };
    for (let index = 1; index <= 12; index += 1) {
      await tab.post('/notes', { requestId: randomUUID(), text: `Note ${index}`, ...about });
      await tab.post('/calls', { requestId: randomUUID(), number: `0113 496 01${50 + index}`, defaultRegion: 'GB', ...about });
    }
    await tab.open('/app/people/grace-okoro');
    await tab.notes.row('Note 12').waitFor();
    await tab.history.row('+44 113 496 0162').waitFor();
    assert.equal(await tab.notes.rows.count(), 5);
    assert.equal(await tab.history.rows.count(), 5);
    await tab.inspect('Person screen with pages');
    for (const list of [tab.notes, tab.history]) {
      await list.moreButton.click();
      await list.rows.nth(9).waitFor();
      await list.moreButton.click();
      await list.rows.nth(11).waitFor();
      assert.equal(await list.moreButton.count(), 0, 'nothing more to show');
      assert.equal(await list.rows.count(), 12);
    }
    assert.deepEqual(await tab.notes.texts.allInnerTexts(), Array.from({ length: 12 }, (_, index) => `Note ${12 - index}`));
    const numbers = await tab.history.section.locator('[data-e164]').evaluateAll((elements) => elements.map(({ dataset }) => dataset.e164));
    assert.deepEqual(numbers, Array.from({ length: 12 }, (_, index) => `+4411349601${62 - index}`));
  });

  story(world, 'notes and calls are the salesperson’s own: a colleague sees none of them', async (stage) => {
    const { tab } = await stage.salesperson({ at: '/app/people/anna-vogel' });
    await tab.notes.write('Only for me.');
    const { tab: other } = await stage.salesperson({ at: '/app/people/anna-vogel' });
    await other.notes.section.getByText('No notes yet', { exact: true }).waitFor();
  });
}
