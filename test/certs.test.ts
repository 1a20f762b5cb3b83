/** What certs/README.md tells people to write is a registry that works. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { toHex } from '../src/bytes/hex.ts';
import { coinkiteTapDemo } from '../src/simulator/demo-keys.ts';
import { parseRegistryLayer, Registry } from '../src/trust/registry.ts';
import { pinnedLayer } from './support/registry.ts';

it('the example pins the root of the virtual cards', () => {
  const page = readFileSync(new URL('../certs/README.md', import.meta.url), 'utf8');
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const registry = new Registry([pinnedLayer, parseRegistryLayer(example, 'overlay', 'example')]);
  const key = toHex(coinkiteTapDemo.root.publicKey);
  expect(registry.root('coinkite-tap', key)?.layer.role).toBe('overlay');
  expect(registry.demo).toBe(true);
});
