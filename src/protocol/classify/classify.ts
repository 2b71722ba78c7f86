// SPDX-License-Identifier: Apache-2.0
/** The classifier with the rules that ship. */
import { type Classification, Classifier, type Refusal } from './classifier.ts'
import { shippedRules } from './rules/shipped-rules.ts'

/** Made at the first use, or when a relay starts: building takes some milliseconds. */
let shipped: Classifier | null = null

/** For who does not want the first refusal to wait. */
export function prepareClassifier(): void {
  shipped ??= new Classifier(shippedRules)
}

/** What a refusal means. Any text is fit; the first 4,096 characters are read. Never throws. */
export function classify(refusal: Refusal): Classification {
  shipped ??= new Classifier(shippedRules)
  return shipped.classify(refusal)
}
