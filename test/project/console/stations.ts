/** Projects, stations, sensors and channels. */
import { expect } from 'vitest';
import type { Group } from './group.ts';

export const stations: Group = {
  async 'are added with what is in them, changed, and removed'({ company, visitor }) {
    const { addMember } = await company('stations');
    const { email } = await addMember(1, 'Ada', { alarm_email: 1 });
    const { page, open, signIn, arrive, check } = await visitor();
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const dialog = page.getByRole('dialog');
    const field = (name: string) => dialog.getByLabel(name, { exact: true });
    const send = (name: string) => dialog.getByRole('button', { name, exact: true }).click();
    await open('/console/stations');
    await signIn(email);
    await page.getByText('There is no project yet.').waitFor();
    await check();

    await button('Add project').click();
    await field('Name').fill('River levels');
    await send('Add project');
    await page.getByRole('link', { name: 'River levels' }).click();
    await arrive('River levels');
    await button('Add station').click();
    await check();
    await field('Name').fill('Weir');
    await field('Code').fill('W');
    await send('Add station');
    await dialog.getByText('Must be 4 to 20 characters long').waitFor();
    await field('Code').fill('WEIR-0001');
    await field('Time zone').fill('Europe/London');
    await send('Add station');
    await page.getByRole('link', { name: 'Weir' }).click();
    await arrive('Weir');
    await page.getByText('There is no sensor yet.').waitFor();
    await page.getByRole('link', { name: 'Ada' }).waitFor();
    await check();

    await button('Add sensor').click();
    await field('Name').fill('Probe');
    await send('Add sensor');
    await button('Add channel').click();
    await field('Name').fill('Level');
    await field('Unit').selectOption('18');
    await send('Add channel');
    await page.getByRole('button', { name: /^Change .*Level/ }).click();
    await field('Scale').fill('0.01');
    await send('Save changes');
    await dialog.waitFor({ state: 'detached' });
    await check();
    await page.getByRole('button', { name: /^Remove .*Level/ }).click();
    await field('To confirm, type this:').fill('Level');
    await send('Remove');
    await page.getByText('No channel yet').waitFor();
    await page.getByRole('button', { name: /^Remove .*Probe/ }).click();
    await field('To confirm, type this:').fill('Probe');
    await send('Remove');
    await page.getByText('There is no sensor yet.').waitFor();

    await button('Change station').click();
    await field('Name').fill('Old weir');
    await send('Save changes');
    await page.getByRole('heading', { name: 'Old weir' }).waitFor();
    await button('Remove station').click();
    await field('To confirm, type this:').fill('WEIR-0001');
    await send('Remove');
    await arrive('River levels');
    await page.getByText('There is no station here yet.').waitFor();
    await button('Remove project').click();
    await send('Remove');
    await arrive('Stations');
    await page.getByText('There is no project yet.').waitFor();
    await check();
  },

  async 'are seen by those who are assigned them, who change nothing at level 4'({
    company,
    visitor,
  }) {
    const { call, addMember } = await company('sight');
    const { project } = await call<{ project: { id: number } }>('POST /project', { name: 'Roofs' });
    const path = `POST /project/${project.id}/station`;
    const more = { reporting: 900, ref_logger_id: 1 };
    for (const name of ['North', 'South']) await call(path, { name, code: `${name}-1`, ...more });
    const { email } = await addMember(1, 'Ada');
    const di = await addMember(4, 'Di');
    const first = await visitor();
    await first.open(`/console/people/${di.id}`);
    await first.signIn(email);
    await first.page.getByRole('button', { name: 'Change stations' }).click();
    const dialog = first.page.getByRole('dialog');
    await dialog.getByLabel('Search stations').fill('nor');
    await dialog.getByRole('checkbox', { name: 'North' }).check();
    await first.check();
    await dialog.getByRole('button', { name: 'Save stations' }).click();
    await first.page.getByRole('link', { name: 'North' }).click();
    await first.page.getByRole('link', { name: 'Di', exact: true }).waitFor();

    const second = await visitor();
    await second.open('/console');
    await second.signIn(di.email);
    await second.page.getByRole('link', { name: 'Roofs' }).click();
    await second.page.getByRole('link', { name: 'North' }).waitFor();
    await second.page.getByText('1 of 1').waitFor();
    for (const name of ['Add station', 'Change project', 'Remove project']) {
      expect(await second.page.getByRole('button', { name }).count()).toBe(0);
    }
    await second.check();
  },
};
