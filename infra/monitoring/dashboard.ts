export const dashboard = async () => ({ Resources: {} });
