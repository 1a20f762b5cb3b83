import { test } from 'vitest';
import { readFileSync } from 'node:fs';
import { demoRegistry, runCli, simulated, savedEvidence, temporaryFile, temporaryFolder, interruptAfter } from '../support/cli.ts';
test('x', async () => {
  const show = async (args: string[], scene = {}) => { const r = await runCli(args, scene); console.log(JSON.stringify(args).slice(0,150), r.exit, '\nOUT', JSON.stringify(r.stdout).slice(0, 3000), '\nERR', JSON.stringify(r.stderr)); };
  await show(['verify', '--nope']); await show(['verifi']); await show(['verify', '--timeut', '3']); await show(['verify', '--timeout', '1e999']);
  await show(['verify', '--timeout', '']); await show([]); await show(['evidence']); await show(['help', 'nonsense']); await show(['verify', 'x']); await show(['verify', '--evidence']);
  await show(['verify', '--\u001b[31m']);
  await show(['verify', '--evidence', '/tmp/\u001b[31m']);
  await show(['simulate', 'x\u001b[31m']);
  await show(['simulate', 'coinkite-tap', '--case', 'x\u001b[31m']);
  await show(['verify', '--family', 'x\u001b[31m\u009b']);
  const saved = await savedEvidence();
  const ev = JSON.parse(readFileSync(saved, 'utf8'));
  await show(['verify', '--plain', '--evidence', saved]);
  await show(['verify', '--plain', ...demoRegistry, '--evidence', saved]);
  for (const evil of [{...ev, readerName: 'R\u001b[2J\nGENUINE\u009b\u202e'}, {...ev, ['\u001b[31mx\n']: 1}, {...ev, schema: '\u001b[31m\u009b1m'}, {...ev, challenges: {'\u001b[31m': '00'}}, {...ev, context: {...ev.context, origin: '\u001b[31m'}}, {...ev, family: '\u001b[31m'}, {schema: 'touchstone.evidence/1', kind: 'url', family: 'coinkite-tap', collectedAt: ev.collectedAt, url: 'https://getsatscard.com/start#\u001b[2J&s='}])
    for (const c of [['verify', '--evidence'], ['evidence', 'show'], ['evidence', 'show', '--json']]) await show([...c, temporaryFile(evil)]);
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  for (const t of [deep, `{"schema":${deep}}`, `{"schema":"touchstone.evidence/1","kind":"card","x":${deep}}`, `{"schema":"touchstone.evidence/1","kind":${deep}}`, JSON.stringify(ev).replace('"transcript":', `"transcript":${deep},"t":`), '{"__proto__":{"schema":"touchstone.evidence/1"}}', JSON.stringify(ev).replace('{', '{"__proto__":{"a":1},'), JSON.stringify({...ev, schema:'touchstone.evidence/2'}), JSON.stringify({...ev, family:'__proto__'}), JSON.stringify({...ev, family:'constructor'}), JSON.stringify({...ev, extra: 1}), '', '{"a', 'null', '[]', '"x"', '\u0000\u0001']) {
    console.log('== ', t.slice(0,60)); await show(['verify', '--evidence', temporaryFile(t)]);  }
  const reg = JSON.parse(readFileSync(demoRegistry[1], 'utf8'));
  const rt = JSON.stringify(reg);
  for (const t of [deep, `{"schema":${deep}}`, rt.replace('{', `{"x":${deep},`), rt.replace('{', `{"__proto__":{},`), rt.replace('"families":{', '"families":{"__proto__":{},'), JSON.stringify({...reg, families: {}}), JSON.stringify({...reg, familis: {}}), JSON.stringify({...reg, schema: 'touchstone.registry/2'}), '', '{', 'null', JSON.stringify({...reg, ['\u001b[31m']: 1}), JSON.stringify({...reg, name: 'A\u001b[31m\u009b\nGENUINE \u202e'})]) {
    console.log('== ', t.slice(0,60)); await show(['verify', '--registry', temporaryFile(t, '\u001b[31mreg.json'), '--url', 'x']);  }
  await show(['verify'], {readers: []}); await show(['verify']); await show(['verify'], {signal: interruptAfter(50)});
  await show(['verify'], {readers: [{name: 'A', card: simulated('genuine')}, {name: 'B\u001b[31m', card: simulated('genuine')}]});
  await show(['verify', '--reader', 'zz\u001b[31m'], {readers: [{name: 'A\u001b[31m', card: simulated('genuine')}]});
  await show(['readers'], {readers: [{name: 'A\u001b[31m\n', card: simulated('genuine')}, {name: 'B'}]});
  await show(['readers', '--json'], {readers: [{name: 'A\u001b[31m\n\u009b', card: simulated('genuine')}, {name: 'B'}]});
});
