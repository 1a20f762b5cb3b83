/** What every family must have, so that a new one is not half there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { families } from '../../src/families/index.ts';
import { simulations } from '../../src/simulator/index.ts';
import { repositoryFile } from '../support/cli.ts';
import { casesOf } from '../support/cli-cases.ts';
import { demoRegistry, packagedRegistry } from '../support/registry.ts';

const read = (path: string) => readFileSync(repositoryFile(path), 'utf8');
const ids = families.map(({ id }) => id);

it('they have different names and applications', () => {
  expect(new Set(ids).size).toBe(ids.length);
  const aids = families.flatMap((family) =>
    family.aids.map((aid) => Buffer.from(aid).toString('hex')),
  );
  expect(new Set(aids).size).toBe(aids.length);
});

it('each has virtual cards, and each kind of virtual card has a family', () => {
  expect(Object.keys(simulations).toSorted()).toEqual(ids.toSorted());
});

describe.each(ids)('%s', (id) => {
  it('has the files that each family has', () => {
    const files = readdirSync(repositoryFile(`src/families/${id}`));
    expect(files).toEqual(
      expect.arrayContaining(
        [
          'constants',
          'conversation',
          'card-checks',
          'explain',
          'index',
          'interview',
          'messages',
          'prove',
          'usage',
        ].map((name) => `${name}.ts`),
      ),
    );
  });

  it('is in the registry, with a root of its maker and products; the demo root is apart', () => {
    expect(packagedRegistry.maker(id)).toBeDefined();
    const [pinned, demo] = demoRegistry.layers.map(({ file }) => file.families[id]);
    expect(pinned?.roots.some(({ role }) => role === 'maker')).toBe(true);
    expect(pinned?.products.length).toBeGreaterThan(0);
    expect(pinned?.firmware.length).toBeGreaterThan(0);
    expect(demo?.roots.length).toBeGreaterThan(0);
  });

  it('has cards of every kind of verdict, a genuine one first', () => {
    const words = new Set(casesOf(id).map(({ usual }) => ('word' in usual ? usual.word : 'none')));
    expect(words).toEqual(
      new Set(['genuine', 'genuine with warnings', 'not genuine', 'not decided', 'none']),
    );
    expect(casesOf(id)[0]?.id).toBe('genuine');
  });

  it('has a page, a row in the README, and public vectors with their source', () => {
    expect(read(`docs/families/${id}.md`)).toMatch(/## Sources\n/);
    expect(read('README.md')).toContain(`docs/families/${id}.md`);
    const vectors = read(`test/vectors/${id}/README.md`);
    expect(vectors).toMatch(/licen[cs]e/i);
    expect(existsSync(repositoryFile(`test/families/${id}/mutation.test.ts`))).toBe(true);
    expect(existsSync(repositoryFile(`test/families/${id}/explain.test.ts`))).toBe(true);
  });
});

it('the page on adding one names files that there are', () => {
  const page = read('docs/adding-a-family.md');
  const named = [
    ...page.matchAll(
      /`((?:src|certs|test|docs|families|apdu|trust)\/[a-z0-9/.-]+\.(?:ts|json|md))`/g,
    ),
  ]
    .map((match) => match[1] ?? '')
    .map((path) => (/^(?:families|apdu|trust)\//.test(path) ? `src/${path}` : path));
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((path) => !existsSync(repositoryFile(path)))).toEqual([]);
});
