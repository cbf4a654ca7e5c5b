// First of all scripts: what reaches the page as an error, and which names it begins with.
window.reached = [];
addEventListener('error', ({ message }) => window.reached.push(message));
addEventListener('unhandledrejection', ({ reason }) => window.reached.push(`rejected: ${reason}`));
window.namesBefore = [...Object.keys(window), 'namesBefore', 'runSuite', 'isFaulty'];
