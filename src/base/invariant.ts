// SPDX-License-Identifier: Apache-2.0
/** What must hold inside one program. A broken invariant is a bug: the worker dies with it. */

export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Throws `InvariantError` where `condition` does not hold; `message` says what should be true. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(`this should hold: ${message}`)
}

/** The default arm of a `switch` over a union: a new kind is a compile error, not a silence. */
export function unreachable(value: never): never {
  throw new InvariantError(`no case for ${JSON.stringify(value)}`)
}
