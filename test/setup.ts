process.env.TZ = 'UTC';
process.env.NO_COLOR = '1';
process.env.COLUMNS = '100';
delete process.env.FORCE_COLOR;
delete process.env.KUBECONFIG;
