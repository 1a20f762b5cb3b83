/** Writes the documentation that is made from code. `npm run docs`; a test keeps it in step. */
import { writeFileSync } from 'node:fs';
import { errorsPage } from '../dist/src/errors/page.js';

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage());
