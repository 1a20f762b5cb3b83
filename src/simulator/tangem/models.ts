/**
 * The product lines that can be simulated. Firmware, batch and series belong together as on
 * published cards; dates, wallet slots and page sizes of COS 4 and later are of our own choice,
 * because no dump of such a card is public.
 */
import type { TangemModel } from './profile.ts';

/** Settings bits: tangem-sdk-ios CardSettings.swift. All models allow plain and fast sessions. */
const base = 0x7831;
const hdWallets = 0x0020_0000;
const backups = 0x0040_0000;
const keyImport = 0x0080_0000;

/** As in the dumps of batches 0022 and 001C. */
export const cos1: TangemModel = {
  firmware: '1.28r',
  batch: '0022',
  series: 'CB15',
  made: [2018, 11, 15],
  issuerName: 'TANGEM',
  settings: 0x7e21,
  settingsSize: 2,
  slots: 1,
  pageSize: 1,
  signsCardId: true,
};

export const cos3: TangemModel = {
  ...cos1,
  firmware: '3.05r',
  batch: '0052',
  series: 'CB41',
  made: [2020, 6, 18],
  settings: 0x7e31,
  settingsSize: 4,
};

export const cos4: TangemModel = {
  ...cos3,
  firmware: '4.12r',
  batch: 'cb79',
  series: 'CB79',
  made: [2021, 4, 1],
  issuerName: 'TANGEM AG',
  settings: base,
  slots: 2,
  pageSize: 10,
};

/** The first with backups. */
export const wallet1: TangemModel = {
  ...cos4,
  firmware: '4.52r',
  batch: 'ac07',
  series: 'AC07',
  made: [2022, 6, 2],
  settings: base | hdWallets | backups,
  slots: 36,
};

export const wallet2: TangemModel = {
  ...wallet1,
  firmware: '6.33r',
  batch: 'af07',
  series: 'AF07',
  made: [2024, 5, 14],
  settings: base | hdWallets | backups | keyImport,
  slots: 20,
  pageSize: 8,
};

/** Personalisation of COS 8 writes batch, date and issuer name only (PersonalizeCommandV8.swift). */
export const cos8: TangemModel = {
  ...wallet2,
  firmware: '8.58r',
  batch: 'af08',
  series: 'AF08',
  made: [2026, 3, 9],
  signsCardId: false,
};
