/** The applets that can be simulated, as sold and as set up by an owner. */
import {
  type AppletProfile,
  type SatochipProfile,
  satochip012,
  satodime01,
  seedkeeper02,
} from './profile.ts';

export const newSatochip: AppletProfile = {
  product: 'satochip',
  release: satochip012,
  isSetUp: false,
};

export const newSeedkeeper: AppletProfile = {
  product: 'seedkeeper',
  release: seedkeeper02,
  isSetUp: false,
};

export const newSatodime: AppletProfile = {
  product: 'satodime',
  release: satodime01,
  isSetUp: false,
};

export const ownedSatochip: AppletProfile = { ...newSatochip, isSetUp: true };
export const ownedSeedkeeper: AppletProfile = { ...newSeedkeeper, isSetUp: true };
export const ownedSatodime: AppletProfile = { ...newSatodime, isSetUp: true };

/** A card with these applets, in all else as the maker sells it. */
export function cardWith(...applets: readonly AppletProfile[]): SatochipProfile {
  return { applets };
}
