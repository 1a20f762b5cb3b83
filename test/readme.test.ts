/** The README shows what the program prints, not what it once printed. */
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { demo } from '../cli/demo.ts';
import { systemDeps } from '../cli/deps.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

async function demoOutput(): Promise<string> {
  const stdout = new PassThrough();
  const env = { LANG: 'C.UTF-8' };
  expect(await demo({}, { ...systemDeps(), stdout, stderr: new PassThrough(), env })).toBe(0);
  return stdout.read().toString();
}

it('quotes the demo word for word', async () => {
  const output = await demoOutput();
  const quoted = [...readme.matchAll(/<!-- demo: \d -->\n```\n([\s\S]*?)```/g)];
  expect(quoted.length).toBeGreaterThan(0);
  for (const [, text] of quoted) expect(output).toContain(text);
});

it('lists every exit code', () => {
  for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130])
    expect(readme).toMatch(new RegExp(`\\| ${code} \\|`));
});

it('links only to files that exist', () => {
  for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    expect(() => readFileSync(new URL(`../${target}`, import.meta.url)), target).not.toThrow();
  }
});
