// A vitest reporter that closes the run with `N passed, N failed`. A file that could not be loaded counts as a failure.

export default class ClosingLine {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        if (test.result().state === 'passed') passed += 1;
        else if (test.result().state === 'failed') failed += 1;
      }
    }
    // After the summary of the default reporter, which prints in the same turn.
    process.once('exit', () => console.log(`${passed} passed, ${failed} failed`));
  }
}
