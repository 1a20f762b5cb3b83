/**
 * Formats and mathematics of transparency logs as C2SP defines them. Nothing here knows of cards,
 * files, clocks or networks.
 */
export {
  type Checkpoint,
  encodeCheckpoint,
  parseCheckpoint,
} from './checkpoint.ts';
export {
  type Cosignature,
  type CosignerType,
  cosignatureMessage,
  encodeCosignature,
  parseCosignature,
  subtreeMessage,
} from './cosignature.ts';
export { type FilledTile, Frontier } from './frontier.ts';
export { encodeKey, KeyType, keyIdHex, type NoteKey, noteKey, parseKey } from './key.ts';
export {
  emptyRoot,
  leafHash,
  maxSize,
  nodeHash,
  sameHead,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
export {
  appendSignatures,
  encodeNote,
  encodeSignatures,
  maxNoteBytes,
  maxSignatures,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatures,
} from './note.ts';
export {
  encodePolicy,
  isWitnessed,
  noQuorum,
  type Policy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  parsePolicy,
  quorumHolds,
} from './policy.ts';
export {
  encodeProof,
  type ProofRefusal,
  parseProof,
  type RefusedProof,
  type TlogProof,
  type VerifiedProof,
  verifyProof,
} from './proof.ts';
export { proveConsistency, proveInclusion, rootOf, type TileSource } from './prover.ts';
export {
  type Cosigner,
  createCosigner,
  createSigner,
  encodeSecret,
  type NoteSigner,
  parseSecret,
  type Secret,
  type SecretType,
} from './signer.ts';
export {
  encodeBundle,
  hashesAt,
  hashLength,
  levelsOf,
  maxBundleBytes,
  maxEntryBytes,
  parseBundle,
  parseTilePath,
  readTile,
  type TileId,
  tilePath,
  tilesBetween,
  tileWidth,
  widthIn,
} from './tile.ts';
export {
  type OpenedNote,
  openNote,
  type Verified,
  type VerifiedSignature,
  verifyNoteSignature,
} from './verify.ts';
export {
  type CheckpointRefusal,
  clockTolerance,
  type PolicyCosignature,
  type RefusedCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './witnessed.ts';
