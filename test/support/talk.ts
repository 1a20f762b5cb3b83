/** What an interview may use besides the card, where a test does not care. */
import { seededRandom } from './tap-evidence.ts';

export const quietTalk = { random: seededRandom('talk'), onStep: () => undefined };
