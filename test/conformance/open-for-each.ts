// SPDX-License-Identifier: Apache-2.0
/** A store for each test of a suite, at a place of its own. */
import { afterEach, beforeEach } from 'node:test'
import type { Store } from '../../src/records/store.ts'
import type { Place } from './store.ts'

/** `prepare` is given what was opened before each test. */
export function openForEach(
  newPlace: () => Promise<Place>,
  prepare: (store: Store, place: Place) => Promise<void>,
): void {
  let place: Place
  let store: Store
  beforeEach(async () => {
    place = await newPlace()
    store = await place.open()
    await prepare(store, place)
  })
  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
  })
}
