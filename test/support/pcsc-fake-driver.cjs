/**
 * Stands in for nfc-pcsc inside the child process, where a test needs what virtual readers cannot
 * do: be plugged in and out, fail to connect, block. FAKE_PCSC names the scene.
 *
 * Events and calls follow pokusew/nfc-pcsc src/Reader.js.
 */
const { EventEmitter } = require('node:events');

const present = 0x20;
const empty = 0x10;
const scene = process.env.FAKE_PCSC ?? '';

function pcscError(code) {
  const error = new Error('An error occurred.');
  error.previous = new Error(`SCard error: text. (0x${code})`);
  return error;
}

class Reader extends EventEmitter {
  autoProcessing = true;
  connection = null;
  card = null;

  constructor(name) {
    super();
    this.name = name;
    this.reader = new EventEmitter();
    this.reader.SCARD_STATE_PRESENT = present;
    this.reader.SCARD_LEAVE_CARD = 0;
    this.reader.SCARD_RESET_CARD = 1;
    this.reader.disconnect = (_disposition, done) => done();
    this.reader.on('status', async ({ state }) => {
      if ((state & present) === 0) {
        this.card = null;
        this.connection = null;
        return;
      }
      this.card = {};
      try {
        await this.connect();
        this.emit('card', {});
      } catch (error) {
        this.emit(error); // as the original does: neither `card` nor `error`
      }
    });
  }

  async connect() {
    if (scene === 'connect-fails') throw pcscError('80100066');
    if (scene === 'another-program') throw pcscError('8010000b');
    this.connection = {};
  }

  transmit() {
    if (scene === 'exchanged') {
      setTimeout(() => this.status(present | (3 << 16)), 20);
      return new Promise(() => {});
    }
    if (scene === 'crash') process.kill(process.pid, 'SIGSEGV');
    if (scene === 'unplugged') {
      setTimeout(() => this.emit('end'), 50);
      return new Promise(() => {});
    }
    if (scene === 'late-removal') {
      setTimeout(() => this.status(empty), 100);
      return Promise.reject(pcscError('80100016'));
    }
    if (scene === 'too-long') return Promise.resolve(Buffer.alloc(65_539));
    if (scene.startsWith('transmit-')) return Promise.reject(pcscError(scene.slice(9)));
    return Promise.resolve(Buffer.from('9000', 'hex'));
  }

  status(state) {
    this.reader.emit('status', { state, atr: Buffer.from('3b80800101', 'hex') });
  }
}

class NFC extends EventEmitter {
  constructor() {
    super();
    if (scene === 'blocks') for (;;);
    if (scene === 'refused') throw new Error('SCardEstablishContext error. (0x8010006a)');
    if (scene === 'no-reader') return;
    setTimeout(() => this.start(), 10);
  }

  start() {
    const reader = new Reader('Fake Reader 00 00');
    this.emit('reader', reader);
    if (scene === 'reader-error') setTimeout(() => reader.emit('error', pcscError('80100001')), 50);
    if (scene === 'service-error') {
      setTimeout(() => reader.emit('error', pcscError('8010001e')), 100);
    }
    if (scene === 'hotplug') {
      reader.status(empty);
      setTimeout(() => {
        const second = new Reader('Fake Reader 01 00');
        this.emit('reader', second);
        second.status(present);
        setTimeout(() => second.emit('end'), 200);
      }, 200);
      return;
    }
    setTimeout(() => reader.status(present | (1 << 16)), 5);
  }
}

module.exports = { NFC };
