/**
 * Path of the interpreter of the Python environment for a requirements file (a name in `test/interop`, or an absolute
 * path; default `requirements.txt`), building the environment if this machine does not have it yet.
 */
export function prepareEnvironment(requirements?: string): Promise<string>;
