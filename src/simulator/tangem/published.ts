/**
 * One real development card, as published: card ID, data of the card, signature over the ID and
 * the issuer key of the development kit (tangem-app-android
 * blockchain/src/test/java/com/tangem/blockchain/common/WalletManagerFactoryTest.kt @58bc089bd304).
 * No key of that card is here, nor could it be: a copy has to bring its own.
 */
import { fromHex } from '../../bytes/hex.ts';
import type { TangemModel } from './profile.ts';

export const publishedCardIdHex = 'BB00000000000015';

/** 65 bytes. Its private key is public. */
export const publishedIssuerKey = fromHex(
  '045f16bd1d2eafe463e62a335a09e6b2bbcbd04452526885cb679fc4d27af1bd22f553c7deefb54fd3d4f361d14e6dc3f11b7d4ea183250a60720ebdf9e110cd26',
);

/** By the development manufacturer over the card ID. 64 bytes. */
export const publishedCardIdSignature = fromHex(
  '29f115878edc7b0cb2a6f4a4009447dcb43bbe922d7629aebd0c9a910ad1e3bf15ae409c4f579700951ed2fe4d775171a86cfa8e50009a05938ce210d6d4a258',
);

export const publishedModel: TangemModel = {
  firmware: '2.42d SDK',
  batch: 'ffff',
  series: 'BB00',
  made: [2020, 4, 16],
  issuerName: 'TANGEM SDK',
  settings: 0x041e7631,
  settingsSize: 4,
  slots: 1,
  pageSize: 1,
  signsCardId: true,
};
