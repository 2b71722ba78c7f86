// SPDX-License-Identifier: Apache-2.0
/** What a person is told who names a queue that is not there. */
import { RelayError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'

/** `what`: a sentence without its full stop; `known`: the names that could have been meant. */
export function unknownQueue(what: string, name: string, known: readonly string[]): RelayError {
  const meant = nearest(name, known)
  const hint = meant ? `; did you mean "${meant}"?` : '; "posthaste queue list" shows what waits'
  return new RelayError('RLY_QUEUE_UNKNOWN', what + hint)
}
