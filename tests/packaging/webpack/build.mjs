// What `webpack` does without a configuration, but for where it looks.
import webpack from 'webpack';

const compiler = webpack({ mode: 'production', context: import.meta.dirname, entry: './main.js', output: { path: `${import.meta.dirname}/dist` } });
compiler.run((error, stats) => {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString());
    process.exitCode = 1;
  }
});
