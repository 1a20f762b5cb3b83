/** docs/errors.md, made from the error table. */
import { type ErrorCode, errorTable } from './codes.ts';

export function errorsPage(): string {
  const rows = Object.keys(errorTable)
    .sort()
    .map((code) => {
      const { exit, http, remedy } = errorTable[code as ErrorCode];
      return `| \`${code}\` | ${exit} | ${http} | ${remedy} |`;
    });
  return [
    '# Errors',
    '',
    'Made from `src/errors/codes.ts` by `npm run docs`. Every error message ends with one of these',
    'codes. An error is never a statement about a card: what is wrong with a card is a verdict. The HTTP',
    'status is for the verification server, which is not there yet.',
    '',
    '| code | exit | HTTP | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
