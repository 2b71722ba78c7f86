// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../../src/base/errors.ts'

/** A dialog that fails says in which way it was played. */
export async function told(way: string, playing: Promise<void>): Promise<void> {
  try {
    await playing
  } catch (thrown) {
    throw new Error(`${way}: ${messageOf(thrown)}`, { cause: thrown })
  }
}
