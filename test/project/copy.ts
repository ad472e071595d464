/** A copy of the project, whose files a test may change. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PARTS = ['src', 'scripts', 'migrations', 'wrangler.toml', 'package.json', 'tsconfig.json'];

/** The copy's folder, below `folder`. It has no secrets. */
export function copyProject(folder: string): string {
  const copy = join(folder, 'latchkey');
  mkdirSync(copy);
  for (const part of PARTS) cpSync(part, join(copy, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}

export const changeFile = (file: string, change: (text: string) => string): void =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));
