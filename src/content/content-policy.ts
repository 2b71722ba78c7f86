// SPDX-License-Identifier: Apache-2.0
/** What a stream has done with content that not every receiver takes. */
import type { Stream } from '../records/records.ts'

export type ContentPolicy = Pick<Stream, 'eightBit' | 'longLines'>
