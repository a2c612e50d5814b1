import { describe, expect, test } from "vitest";
import pyWebauthn from "../../../fixtures/vectors/webauthn/py_webauthn-cases.json";
