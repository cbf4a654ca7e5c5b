/** Names of the built files, relative to sentiero.js; put in by xtask/js/bundle.mjs. */
declare const SENTIERO_WASM_FILE: string;
declare const SENTIERO_ENGINE_FILE: string;
declare const SENTIERO_STORM_FILE: string;
declare const SENTIERO_RECORDER_FILE: string;
declare const SENTIERO_CAPTURE_FILE: string;
declare const SENTIERO_VITALS_FILE: string;
/** The version of the release, as in Cargo.toml. */
declare const SENTIERO_VERSION: string;

/** Not in every browser's types yet. */
interface Navigator {
  readonly globalPrivacyControl?: boolean;
}
interface Document {
  readonly prerendering?: boolean;
}
interface Window {
  readonly navigation?: EventTarget;
  /** Not in every browser: to be used where an exception is caught. */
  readonly trustedTypes: {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
      createScriptURL(url: string): string;
    };
  };
}
