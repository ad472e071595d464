/** Who did what. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Group } from './group.ts';

export const activity: Group = {
  async 'is told in sentences, filtered in the URL, and downloaded'({ company, visitor }) {
    const { call, addMember } = await company('activity');
    const ada = await addMember(1, 'Ada');
    const { project } = await call<{ project: { id: number } }>('POST /project', {
      name: 'River levels',
    });
    const { station } = await call<{ station: { id: number } }>(
      `POST /project/${project.id}/station`,
      { name: 'Weir', code: 'WEIR-1', reporting: 900, ref_logger_id: 12 },
    );
    await call(`POST /station/${station.id}/sensor`, { name: 'Probe' });
    await call('POST /project', { name: 'Nowhere' }).then((data) =>
      call(`DELETE /project/${(data as { project: { id: number } }).project.id}`),
    );
    const { page, open, signIn, check } = await visitor();
    await open('/console/activity');
    await signIn(ada.email);
    await page.getByText('Added project River levels').waitFor();
    await page.getByText('Added station Weir').waitFor();
    await page.getByText('Added sensor Probe to station Weir').waitFor();
    await page.getByText('Removed a project').waitFor();
    await page.getByText('Added a project').waitFor();
    await page.getByText('Added Ada').waitFor();
    await page.getByText('Signed in').waitFor();
    await check();

    await page.getByLabel('Action').selectOption('People');
    await page.getByText('Added project River levels').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('Added Ada').waitFor();
    expect(await page.getByText('Added a project').count()).toBe(0);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download NDJSON' }).click();
    const file = readFileSync(await (await downloading).path(), 'utf8');
    const actions = file.split('\n').flatMap((line) => (line ? [JSON.parse(line).type] : []));
    expect(actions).toEqual(['member.add', 'member.resetPassword', 'member.setPassword']);

    await page.getByLabel('Action').selectOption('Everything');
    await page.getByRole('button', { name: 'Person: Anybody' }).click();
    await check();
    await page.getByRole('dialog').getByRole('button', { name: 'Ada' }).click();
    await page.getByText('Added project River levels').waitFor({ state: 'detached' });
    await page.getByText('Signed in').waitFor();
    await page.getByRole('button', { name: 'Person: anybody', exact: true }).click();
    await page.getByText('Added a project').waitFor();
    await check();
  },
};
