// SPDX-License-Identifier: Apache-2.0
/**
 * The program as it is, but what it does by the minute it does ten times a second, and segments are small: so freeing
 * the disk, copying forward and beginning new segments are killed in the middle too.
 */
import { run } from '../../src/app/cli/program.ts'
import { spoolLimits } from '../../src/base/limits/spool-limits.ts'

const HURRIED: { readonly [Name in keyof typeof spoolLimits]?: number } = {
  segmentOctets: 2 * 1_024 * 1_024,
  upkeepMs: 100,
  compactBelowPercent: 50,
  checkpointMs: 200,
}

Object.assign(spoolLimits, HURRIED)
process.exitCode = await run(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  environment: process.env,
})
