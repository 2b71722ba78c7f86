// SPDX-License-Identifier: Apache-2.0
/** Writes and syncs of the journal's files, and what their failures mean. */
import { messageOf, systemCode } from '../../base/errors.ts'
import type { JournalFile } from './journal-files.ts'

/**
 * A sync that failed. It carries no system code: what the sync was for may be lost already, so that it is final
 * whatever the reason was, and no second try would bring it back.
 */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure'
}

export async function synced(file: JournalFile): Promise<void> {
  try {
    await file.datasync()
  } catch (thrown) {
    throw new SyncFailure(messageOf(thrown), { cause: thrown })
  }
}

/** Writes every octet, however many short writes it takes. */
export async function writeAll(
  file: JournalFile,
  octets: Uint8Array,
  position: number,
): Promise<void> {
  let written = await file.write(octets, position)
  while (written < octets.byteLength)
    written += await file.write(octets.subarray(written), position + written)
}

/** Whether a system error says that there is no room, in the file system or in a quota: for octets, or for one more file. */
export function isNoRoom(thrown: unknown): boolean {
  const code = systemCode(thrown)
  return code === 'ENOSPC' || code === 'EDQUOT'
}
