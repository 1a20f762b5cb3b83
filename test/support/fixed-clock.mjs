/**
 * Loaded before a program (node --import): its clock starts at 2026-11-26T12:00:00Z, so that tests
 * of whole processes hold after the packaged registry has expired. It goes on, as waits need it to.
 */
const realNow = Date.now;
const shift = Date.parse('2026-11-26T12:00:00Z') - realNow();
Date.now = () => realNow() + shift;
