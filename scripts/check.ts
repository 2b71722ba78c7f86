// SPDX-License-Identifier: Apache-2.0
/** `npm run check`: everything that can be said of the code in about ten seconds. */
import { structureSteps, unitTests } from './check-steps.ts'
import { runSteps } from './steps.ts'

const isGood = await runSteps([...structureSteps, ...unitTests])
process.exitCode = isGood ? 0 : 1
