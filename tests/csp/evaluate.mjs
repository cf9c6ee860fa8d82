// What Google's evaluator finds in the policy that comes in: [{ directive, value, severity, description }], as JSON.
import evaluator from "csp_evaluator";
import parser from "csp_evaluator/dist/parser.js";
import { readFileSync } from "node:fs";

const policy = new parser.CspParser(readFileSync(0, "utf8")).csp;
process.stdout.write(JSON.stringify(new evaluator.CspEvaluator(policy).evaluate()));
