/** Google's `web-vitals`, in a file of its own: 3.5 KB gz that only pages load which ask for it. */
import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from 'web-vitals';

/** A measurement, as it is recorded. */
export interface Vital {
  metric: string;
  value: number;
  rating: string;
}

/** Calls `changed` with each value as soon as it is known, and again whenever it changes. */
export function watchVitals(changed: (vital: Vital) => void): void {
  const report = ({ name, value, rating }: Metric): void =>
    // CLS is a share, the others are ms.
    changed({ metric: name, value: name === 'CLS' ? Math.round(value * 1e4) / 1e4 : Math.round(value), rating });
  for (const watch of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
    watch(report, { reportAllChanges: true });
  }
}
