// The parts of undici that we use. All of it takes 73 ms to load, these take 23; the logging worker loads them while it
// has a script's events to take.

export { default as request } from "undici/lib/api/api-request.js";
export { default as EnvHttpProxyAgent } from "undici/lib/dispatcher/env-http-proxy-agent.js";
