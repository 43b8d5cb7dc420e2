/**
 * For authors of backends: the conformance suite every backend of this package passes.
 *
 * @module
 */
export { type ConformanceCase, type ConformanceOptions, conformanceCases } from "./backend/conformance.js";
export { sampleEvents } from "./events/samples.js";
