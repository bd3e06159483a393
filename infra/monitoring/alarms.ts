export const alarms = async () => ({ Resources: {} });
