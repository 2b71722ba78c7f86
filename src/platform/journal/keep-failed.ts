// SPDX-License-Identifier: Apache-2.0
import type { DurationMs } from '../../base/brand.ts'

/** How long content is kept of whose recipients one failed. `null`: of mail of which nothing else is known. */
export type KeepFailed = (
  mail: { readonly tenant: string; readonly stream: string } | null,
) => DurationMs
